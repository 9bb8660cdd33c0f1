// Nested if and else; the else belongs to the nearest if.
int choose(int a, int b) {
  if (a)
    if (b) a = 1;
    else a = 2;
  else if (b) a = 3;
  return a;
}

/* cfg
choose(a, b)
0:
  %0 = load a
  branch %0 {a} ? 1 : 5
1:
  %1 = load b
  branch %1 {b} ? 2 : 3
2:
  %2 = 1
  a := %2
  goto 4
3:
  %3 = 2
  a := %3
  goto 4
4:
  goto 9
5:
  %4 = load b
  branch %4 {b} ? 6 : 7
6:
  %5 = 3
  a := %5
  goto 8
7:
  goto 8
8:
  goto 9
9:
  %6 = load a
  return %6
*/
