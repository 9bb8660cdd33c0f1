// Cases fall through; default may stand anywhere; without one a switch can pass by.
int kind(int c) {
  int n = 0;
  switch (c) {
    case 1:
      n = 10;
    case 2:
      n = n + 1;
      break;
    default:
      n = -1;
      break;
    case 'q':
      return 7;
  }
  switch (n) {
    case 0x10: n = 3;
  }
  return n;
}

/* cfg
kind(c)
0:
  declare n
  %0 = 0
  n := %0
  %1 = load c
  goto 1
1:
  %8 = 1
  %9 = 2
  %10 = 113
  switch %1 {c} %8 -> 2, %9 -> 3, %10 -> 4, else -> 5
2:
  %2 = 10
  n := %2
  goto 3
3:
  %3 = load n
  %4 = 1
  %5 = %3 + %4
  n := %5
  goto 6
4:
  %7 = 7
  return %7
5:
  %6 = -1
  n := %6
  goto 6
6:
  %11 = load n
  goto 7
7:
  %13 = 16
  switch %11 {n} %13 -> 8, else -> 9
8:
  %12 = 3
  n := %12
  goto 9
9:
  %14 = load n
  return %14
*/
