// A call that does not come back is a call like others here: whether it does is known to the flow.
int need(char *p) {
  if (p == NULL) {
    Py_FatalError("no memory");
    free(p);
  }
  if (*p == 0) abort();
  return 1;
}

/* cfg
need(p)
0:
  %0 = load p
  %1 = 0
  %2 = %0 == %1
  branch %2 {p == NULL} ? 1 : 2
1:
  %3 = literal no memory
  %4 = call Py_FatalError(%3)
  %5 = load p
  %6 = call free(%5)
  goto 3
2:
  goto 3
3:
  %7 = load p
  %8 = load *%7
  %9 = 0
  %10 = %8 == %9
  branch %10 {*p == 0} ? 4 : 5
4:
  %11 = call abort()
  goto 6
5:
  goto 6
6:
  %12 = 1
  return %12
*/
