// What OpenLDAP's functions hand over, and what is left when they fail.
import { beforeAll, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

const told = (last: string): readonly string[] => {
  const text = `#include <Python.h>
#include <ldap.h>
PyObject *whoami(LDAP *ldap) {
  struct berval *value;
  int error = ldap_whoami_s(ldap, &value, NULL, NULL);
  if (error != LDAP_SUCCESS)
    return NULL;
  PyObject *result = PyUnicode_FromStringAndSize(value->bv_val, value->bv_len);
  ${last}
  return result;
}
void forget(struct berval *value) {
  ber_bvfree(value);
}
`;
  return check([{ file: 'a.c', text }], parser, DEFAULT_SETTINGS).findings.map(
    ({ rule, at }) => `${at.line} ${rule}`,
  );
};

test('a berval that is not released leaks, where there is one', () => {
  expect(told('')).toEqual(['10 memory-leak']);
  expect(told('ber_bvfree(value);')).toEqual([]);
});

test('it is no block of malloc', () => {
  expect(told('free(value);')).toEqual(['9 api-result-mismatch']);
});
