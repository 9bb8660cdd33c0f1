// A label alone at the end of a block, and two labels at one place.
void labels(int a) {
  if (a == 1) goto one;
  if (a == 2) goto two;
  return;
one:
two:
  work(a);
  if (a) goto end;
  work(0);
end:;
}

/* cfg
labels(a)
0:
  %0 = load a
  %1 = 1
  %2 = %0 == %1
  branch %2 {a == 1} ? 1 : 3
1:
  goto 2
2:
  goto 6
3:
  goto 4
4:
  %3 = load a
  %4 = 2
  %5 = %3 == %4
  branch %5 {a == 2} ? 5 : 11
5:
  goto 6
6:
  %6 = load a
  %7 = call work(%6)
  %8 = load a
  branch %8 {a} ? 7 : 8
7:
  goto 10
8:
  goto 9
9:
  %9 = 0
  %10 = call work(%9)
  goto 10
10:
  return
11:
  goto 12
12:
  return
*/
