// Code after a return is not in the graph unless a label leads to it.
int after(int a) {
  if (a) goto tail;
  return 1;
  work(a);
tail:
  return 2;
}

/* cfg
after(a)
0:
  %0 = load a
  branch %0 {a} ? 1 : 3
1:
  goto 2
2:
  %4 = 2
  return %4
3:
  goto 4
4:
  %1 = 1
  return %1
*/
