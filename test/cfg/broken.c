// A function with a syntax error keeps the graph of what could be parsed.
int broken(int a) {
  if (a) {
    use(a;
  }
  return a;
}

int whole(void) {
  return 1;
}

/* cfg
broken(a)
0:
  %0 = load a
  branch %0 {a} ? 1 : 2
1:
  %1 = load ::use
  %3 = opaque ?
  %2 = call *%3(%1)
  goto 3
2:
  goto 3
3:
  %4 = load a
  return %4

whole()
0:
  %0 = 1
  return %0
*/
