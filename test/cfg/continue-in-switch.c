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
  switch %3 {*p} 32 -> 4, 35 -> 5, else -> 6
4:
  %4 = load p
  %5 = 1
  %6 = %4 + %5
  p := %6
  goto 7
5:
  goto 6
6:
  %7 = load p
  %8 = 1
  %9 = %7 + %8
  p := %9
  %10 = load *%7
  %11 = call emit(%10)
  goto 7
7:
  goto 1
8:
  return
*/
