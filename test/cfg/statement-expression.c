// A GNU statement expression: statements run, the last expression is the value.
int scaled(int a) {
  int r = ({
    int t = measure(a);
    if (t > 9) t = 9;
    t * 2;
  });
  return r;
}

/* cfg
scaled(a)
0:
  declare r
  declare t
  %0 = load a
  %1 = call measure(%0)
  t := %1
  %2 = load t
  %3 = 9
  %4 = %2 > %3
  branch %4 {t > 9} ? 1 : 2
1:
  %5 = 9
  t := %5
  goto 3
2:
  goto 3
3:
  %6 = load t
  %7 = 2
  %8 = %6 * %7
  r := %8
  %9 = load r
  return %9
*/
