// A do loop tests after its body; continue goes to the test.
int retry(int tries) {
  do {
    if (attempt() == 0) continue;
    tries = tries - 1;
  } while (tries > 0);
  return tries;
}

/* cfg
retry(tries)
0:
  goto 1
1:
  %0 = call attempt()
  %1 = 0
  %2 = %0 == %1
  branch %2 {attempt() == 0} ? 2 : 3
2:
  goto 5
3:
  goto 4
4:
  %3 = load tries
  %4 = 1
  %5 = %3 - %4
  tries := %5
  goto 5
5:
  %6 = load tries
  %7 = 0
  %8 = %6 > %7
  branch %8 {tries > 0} ? 1 : 6
6:
  %9 = load tries
  return %9
*/
