// Calls in arguments run before the call around them.
PyObject *wrap(char *text) {
  return PyBytes_FromString(strdup(trim(text, length(text))));
}

/* cfg
wrap(text)
0:
  %0 = load text
  %1 = load text
  %2 = call length(%1)
  %3 = call trim(%0, %2)
  %4 = call strdup(%3)
  %5 = call PyBytes_FromString(%4)
  return %5
*/
