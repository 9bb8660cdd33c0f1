// A macro that returns ends the path; one with do and while (0) runs once.
#define CHECK(p) if ((p) == NULL) return NULL
#define CLEAR(p) do { free(p); (p) = NULL; } while (0)
char *copy(const char *text) {
  char *p = strdup(text);
  CHECK(p);
  CLEAR(p);
  return p;
}

/* cfg
copy(text)
0:
  declare p
  %0 = load text
  %1 = call strdup(%0)
  p := %1
  %2 = load p
  %3 = 0
  %4 = %2 == %3
  branch %4 {(p) == NULL} ? 1 : 2
1:
  %5 = 0
  return %5
2:
  goto 3
3:
  %6 = opaque ?
  goto 4
4:
  %7 = load p
  %8 = call free(%7) through CLEAR
  %9 = 0
  p := %9
  goto 5
5:
  %10 = 0
  branch %10 {0} ? 4 : 6
6:
  %11 = opaque ?
  %12 = load p
  return %12
*/
