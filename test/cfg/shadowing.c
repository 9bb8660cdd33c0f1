// A local of an inner block gets a name of its own.
int shadow(int a) {
  int b = a;
  {
    int b = 2;
    use(b);
  }
  return b;
}

/* cfg
shadow(a)
0:
  declare b
  %0 = load a
  b := %0
  declare b'1
  %1 = 2
  b'1 := %1
  %2 = load b'1
  %3 = call use(%2)
  %4 = load b
  return %4
*/
