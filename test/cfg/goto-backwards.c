// A label before its goto makes a loop; a label without a goto is only a place.
int again(void) {
  int n = 0;
start:
  n++;
  if (n < 3) goto start;
unused:
  return n;
}

/* cfg
again()
0:
  declare n
  %0 = 0
  n := %0
  goto 1
1:
  %1 = load n
  %2 = 1
  %3 = %1 + %2
  n := %3
  %4 = load n
  %5 = 3
  %6 = %4 < %5
  branch %6 {n < 3} ? 2 : 3
2:
  goto 1
3:
  goto 4
4:
  goto 5
5:
  %7 = load n
  return %7
*/
