// A while loop tests before its body.
int drain(struct list *list) {
  while (list->head != NULL) {
    if (list->stuck) break;
    pop(list);
  }
  return 0;
}

/* cfg
drain(list: list)
0:
  goto 1
1:
  %0 = load list
  %1 = load (*%0).list::head
  %2 = 0
  %3 = %1 != %2
  branch %3 {list->head != NULL} ? 2 : 7
2:
  %4 = load list
  %5 = load (*%4).list::stuck
  branch %5 {list->stuck} ? 3 : 4
3:
  goto 7
4:
  goto 5
5:
  %6 = load list
  %7 = call pop(%6)
  goto 6
6:
  goto 1
7:
  %8 = 0
  return %8
*/
