// Alternatives that share the body of an if are parsed one at a time: two definitions of the function.
int split(char *p) {
#ifdef STRICT
  if (p == NULL) {
#else
  if (p == NULL || *p == 0) {
#endif
    return 0;
  }
  return 1;
}

/* cfg
split(p)
0:
  %0 = load p
  %1 = 0
  %2 = %0 == %1
  branch %2 {p == NULL} ? 1 : 2
1:
  %3 = 0
  return %3
2:
  goto 3
3:
  %4 = 1
  return %4

split(p)
0:
  %0 = load p
  %1 = 0
  %2 = %0 == %1
  branch %2 {p == NULL} ? 2 : 1
1:
  %3 = load p
  %4 = load *%3
  %5 = 0
  %6 = %4 == %5
  branch %6 {*p == 0} ? 2 : 3
2:
  %7 = 0
  return %7
3:
  goto 4
4:
  %8 = 1
  return %8
*/
