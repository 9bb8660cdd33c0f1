// A for loop: continue goes to the update, break past the loop.
int count(const char *text) {
  int spaces = 0;
  for (int i = 0; text[i] != 0; i++) {
    if (text[i] == 'x') continue;
    if (text[i] == 'y') break;
    spaces++;
  }
  return spaces;
}

int forever(void) {
  for (;;) {
    if (stop_now()) return 1;
  }
}

/* cfg
count(text)
0:
  declare spaces
  %0 = 0
  spaces := %0
  declare i
  %1 = 0
  i := %1
  goto 1
1:
  %2 = load text
  %3 = load i
  %4 = load (*%2)[?]
  %5 = 0
  %6 = %4 != %5
  branch %6 {text[i] != 0} ? 2 : 10
2:
  %7 = load text
  %8 = load i
  %9 = load (*%7)[?]
  %10 = 120
  %11 = %9 == %10
  branch %11 {text[i] == 'x'} ? 3 : 4
3:
  goto 9
4:
  goto 5
5:
  %12 = load text
  %13 = load i
  %14 = load (*%12)[?]
  %15 = 121
  %16 = %14 == %15
  branch %16 {text[i] == 'y'} ? 6 : 7
6:
  goto 10
7:
  goto 8
8:
  %17 = load spaces
  %18 = 1
  %19 = %17 + %18
  spaces := %19
  goto 9
9:
  %20 = load i
  %21 = 1
  %22 = %20 + %21
  i := %22
  goto 1
10:
  %23 = load spaces
  return %23

forever()
0:
  goto 1
1:
  goto 2
2:
  %0 = call stop_now()
  branch %0 {stop_now()} ? 3 : 4
3:
  %1 = 1
  return %1
4:
  goto 5
5:
  goto 6
6:
  goto 1
*/
