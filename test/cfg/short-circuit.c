// && and || branch, as conditions and as values; ! swaps the branches.
int both(char *p, char *q) {
  if (p && (!q || *q == 0)) return 1;
  int ok = p != NULL && q != NULL;
  return ok;
}

/* cfg
both(p, q)
0:
  %0 = load p
  branch %0 {p} ? 1 : 4
1:
  %1 = load q
  branch %1 {q} ? 2 : 3
2:
  %2 = load q
  %3 = load *%2
  %4 = 0
  %5 = %3 == %4
  branch %5 {*q == 0} ? 3 : 4
3:
  %6 = 1
  return %6
4:
  goto 5
5:
  declare ok
  %8 = load p
  %9 = 0
  %10 = %8 != %9
  branch %10 {p != NULL} ? 6 : 8
6:
  %11 = load q
  %12 = 0
  %13 = %11 != %12
  branch %13 {q != NULL} ? 7 : 8
7:
  %14 = 1
  ?7 := %14
  goto 9
8:
  %15 = 0
  ?7 := %15
  goto 9
9:
  %16 = load ?7
  ok := %16
  %17 = load ok
  return %17
*/
