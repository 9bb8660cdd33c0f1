// A conditional expression branches, also as an argument and as a condition.
char *pick(int big, char *a, char *b) {
  char *chosen = big ? a : b;
  use(big ? 1 : 2);
  if (big ? a : b) return chosen;
  return NULL;
}

/* cfg
pick(big, a, b)
0:
  declare chosen
  %1 = load big
  branch %1 {big} ? 1 : 2
1:
  %2 = load a
  ?0 := %2
  goto 3
2:
  %3 = load b
  ?0 := %3
  goto 3
3:
  %4 = load ?0
  chosen := %4
  %6 = load big
  branch %6 {big} ? 4 : 5
4:
  %7 = 1
  ?5 := %7
  goto 6
5:
  %8 = 2
  ?5 := %8
  goto 6
6:
  %9 = load ?5
  %10 = call use(%9)
  %12 = load big
  branch %12 {big} ? 7 : 8
7:
  %13 = load a
  ?11 := %13
  goto 9
8:
  %14 = load b
  ?11 := %14
  goto 9
9:
  %15 = load ?11
  branch %15 {big ? a : b} ? 10 : 11
10:
  %16 = load chosen
  return %16
11:
  goto 12
12:
  %17 = 0
  return %17
*/
