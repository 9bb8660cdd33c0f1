// #if alternatives inside a function are branches on the condition, which is not evaluated.
void *grab(int n) {
  void *p;
#if defined(USE_RAW)
  p = PyMem_RawMalloc(n);
#elif PY_VERSION_HEX >= 0x03060000
  p = PyMem_Malloc(n);
#else
  p = malloc(n);
#endif
#ifdef TRACE
  trace(p);
#endif
  return p;
}

/* cfg
grab(n)
0:
  declare p
  %0 = opaque #if defined(USE_RAW)
  branch #if defined(USE_RAW) ? 1 : 2
1:
  %1 = load n
  %2 = call PyMem_RawMalloc(%1)
  p := %2
  goto 6
2:
  %3 = opaque #if PY_VERSION_HEX
  %4 = 50724864
  %5 = %3 >= %4
  branch #if PY_VERSION_HEX >= 50724864 ? 3 : 4
3:
  %6 = load n
  %7 = call PyMem_Malloc(%6)
  p := %7
  goto 5
4:
  %8 = load n
  %9 = call malloc(%8)
  p := %9
  goto 5
5:
  goto 6
6:
  %10 = opaque #if defined(TRACE)
  branch #if defined(TRACE) ? 7 : 8
7:
  %11 = load p
  %12 = call trace(%11)
  goto 9
8:
  goto 9
9:
  %13 = load p
  return %13
*/
