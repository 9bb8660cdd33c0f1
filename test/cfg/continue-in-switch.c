// continue in a switch belongs to the loop around it, break to the switch.
void scan(const char *p) {
  while (*p) {
    switch (*p) {
      case ' ':
        p++;
        continue;
      case '#':
        break;
    }
    emit(*p++);
  }
}

/* cfg
scan(p)
0:
  goto 1
1:
  %0 = load p
  %1 = load *%0
  branch %1 {*p} ? 2 : 8
2:
  %2 = load p
  %3 = load *%2
  goto 3
3:
  %7 = 32
  %8 = 35
  switch %3 {*p} %7 -> 4, %8 -> 5, else -> 6
4:
  %4 = load p
  %5 = 1
  %6 = %4 + %5
  p := %6
  goto 7
5:
  goto 6
6:
  %9 = load p
  %10 = 1
  %11 = %9 + %10
  p := %11
  %12 = load *%9
  %13 = call emit(%12)
  goto 7
7:
  goto 1
8:
  return
*/
