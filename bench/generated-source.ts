// C sources of any size, the same for the same numbers: extension code of the usual shapes, nearly all right.

/** `{}` is a number of its own in each copy. */
const SHAPES: readonly string[] = [
  `static PyObject *
encode_{}(PyObject *self, PyObject *args)
{
    const char *text;
    Py_ssize_t length, i;
    if (!PyArg_ParseTuple(args, "s#", &text, &length))
        return NULL;
    char *out = PyMem_Malloc(2 * length + 1);
    if (out == NULL)
        return PyErr_NoMemory();
    for (i = 0; i < length; i++) {
        if (text[i] == '%') {
            out[2 * i] = '%';
            out[2 * i + 1] = '%';
        }
        else {
            out[2 * i] = text[i];
            out[2 * i + 1] = ' ';
        }
    }
    PyObject *result = PyBytes_FromStringAndSize(out, 2 * length);
    PyMem_Free(out);
    return result;
}
`,
  `static void
release_{}(Node{} *node)
{
    if (node == NULL)
        return;
    free(node->name);
    PyMem_Free(node->items);
    free(node);
}

static Node{} *
create_{}(const char *name, int count)
{
    Node{} *node = malloc(sizeof(Node{}));
    if (node == NULL)
        return NULL;
    node->items = NULL;
    node->name = strdup(name);
    if (node->name == NULL)
        goto error;
    node->items = PyMem_Malloc(count * sizeof(int));
    if (node->items == NULL)
        goto error;
    memset(node->items, 0, count * sizeof(int));
    return node;
error:
    release_{}(node);
    return NULL;
}
`,
  `static int
measure_{}(const int *values, int count, int *low, int *high)
{
    int i, sum = 0;
    *low = *high = count > 0 ? values[0] : 0;
    for (i = 0; i < count; i++) {
        switch (values[i] & 3) {
        case 0:
            sum += values[i];
            break;
        case 1:
        case 2:
            sum -= values[i] / 2;
            break;
        default:
            return -1;
        }
        if (values[i] < *low)
            *low = values[i];
        else if (values[i] > *high)
            *high = values[i];
    }
    return sum;
}
`,
  `static int
resize_{}(Node{} *node, int count, int zeroed)
{
    int *items = PyMem_Realloc(node->items, count * sizeof(int));
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    node->items = items;
    if (zeroed && measure_{}(items, count, &node->low, &node->high) < 0) {
        memset(items, 0, count * sizeof(int));
        node->low = node->high = 0;
    }
    return 0;
}
`,
];

const HEAD = '#include <Python.h>\n#include <stdlib.h>\n#include <string.h>\n\n';

/** About as many lines as asked for. */
export function generatedSource(lines: number): string {
  let text = HEAD;
  let count = 4;
  for (let i = 0; count < lines; i++) {
    const struct = `typedef struct { char *name; int *items; int low, high; } Node${i};\n\n`;
    const part = struct + SHAPES.map((shape) => shape.replaceAll('{}', String(i))).join('\n');
    text += `${part}\n`;
    count += part.split('\n').length;
  }
  return text;
}

/** Files of about a thousand lines each. */
export function generatedFiles(lines: number): { readonly file: string; readonly text: string }[] {
  const text = generatedSource(Math.min(1000, lines));
  return Array.from({ length: Math.max(1, Math.round(lines / 1000)) }, (_, i) => ({
    file: `generated/part${i}.c`,
    // No two files are alike.
    text: text.replaceAll(/\b(Node|[a-z]+_)(\d+)/g, (_whole, name, n) => `${name}${n}${i}x`),
  }));
}
