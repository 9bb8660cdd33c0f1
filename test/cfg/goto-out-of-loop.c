// The cleanup ladder: a goto leaves the loop, labels fall into each other.
int fill(char **out, int n) {
  char *buf = PyMem_Malloc(n);
  if (buf == NULL) goto fail;
  for (int i = 0; i < n; i++) {
    if (read_byte(&buf[i]) < 0) goto free_buf;
  }
  *out = buf;
  return 0;
free_buf:
  PyMem_Free(buf);
fail:
  return -1;
}

/* cfg
fill(out, n)
0:
  declare buf
  %0 = load n
  %1 = call PyMem_Malloc(%0)
  buf := %1
  %2 = load buf
  %3 = 0
  %4 = %2 == %3
  branch %4 {buf == NULL} ? 1 : 2
1:
  goto 8
2:
  goto 3
3:
  declare i
  %5 = 0
  i := %5
  goto 4
4:
  %6 = load i
  %7 = load n
  %8 = %6 < %7
  branch %8 {i < n} ? 5 : 12
5:
  %9 = load buf
  %10 = load i
  %11 = &(*%9)[?]
  %12 = call read_byte(%11)
  %13 = 0
  %14 = %12 < %13
  branch %14 {read_byte(&buf[i]) < 0} ? 6 : 9
6:
  goto 7
7:
  %21 = load buf
  %22 = call PyMem_Free(%21)
  goto 8
8:
  %23 = -1
  return %23
9:
  goto 10
10:
  goto 11
11:
  %15 = load i
  %16 = 1
  %17 = %15 + %16
  i := %17
  goto 4
12:
  %18 = load buf
  %19 = load out
  *%19 := %18
  %20 = 0
  return %20
*/
