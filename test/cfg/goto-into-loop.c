// A goto into a loop enters its body without the test.
int resume(int pending) {
  int c = 0;
  if (pending) goto inside;
  while (more()) {
    c = next();
  inside:
    use(c);
  }
  return c;
}

/* cfg
resume(pending)
0:
  declare c
  %0 = 0
  c := %0
  %1 = load pending
  branch %1 {pending} ? 1 : 2
1:
  goto 6
2:
  goto 3
3:
  goto 4
4:
  %2 = call more()
  branch %2 {more()} ? 5 : 8
5:
  %3 = call next()
  c := %3
  goto 6
6:
  %4 = load c
  %5 = call use(%4)
  goto 7
7:
  goto 4
8:
  %6 = load c
  return %6
*/
