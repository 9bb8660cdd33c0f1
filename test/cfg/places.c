// What has an address: members, elements, what a pointer points to; assignments in expressions.
struct item { char *name; int marks[4]; };
int touch(struct item *it, struct item one, int i) {
  it->name = one.name;
  it->marks[i] = one.marks[2] += 3;
  char **slot = &it->name;
  *slot = "fixed";
  total = (i = 4);
  return sizeof(struct item);
}

/* cfg
touch(it: item, one: item, i)
0:
  %0 = load one.item::name
  %1 = load it
  (*%1).item::name := %0
  %2 = 2
  %3 = load one.item::marks[2]
  %4 = 3
  %5 = %3 + %4
  one.item::marks[2] := %5
  %6 = load it
  %7 = load i
  (*%6).item::marks[?] := %5
  declare slot
  %8 = load it
  %9 = &(*%8).item::name
  slot := %9
  %10 = literal fixed
  %11 = load slot
  *%11 := %10
  %12 = 4
  i := %12
  ::total := %12
  %13 = opaque sizeof(struct item)
  return %13
*/
