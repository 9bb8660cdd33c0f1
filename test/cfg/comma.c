// The operands of a comma are evaluated in order; the last one is the value.
int comma(int a) {
  int b = (first(), second(a), a);
  for (a = 0, b = 9; a < b; a++, b--) step(a, b);
  return b;
}

/* cfg
comma(a)
0:
  declare b
  %0 = call first()
  %1 = load a
  %2 = call second(%1)
  %3 = load a
  b := %3
  %4 = 0
  a := %4
  %5 = 9
  b := %5
  goto 1
1:
  %6 = load a
  %7 = load b
  %8 = %6 < %7
  branch %8 {a < b} ? 2 : 4
2:
  %9 = load a
  %10 = load b
  %11 = call step(%9, %10)
  goto 3
3:
  %12 = load a
  %13 = 1
  %14 = %12 + %13
  a := %14
  %15 = load b
  %16 = 1
  %17 = %15 - %16
  b := %17
  goto 1
4:
  %18 = load b
  return %18
*/
