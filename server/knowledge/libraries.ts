// The data files of the knowledge table, in order of precedence: where two libraries have a function of
// the same name, the earlier one is meant. To add a library: a JSON file and a line here.
import type { StoredRow } from './row.ts';
import cpython from './cpython.json' with { type: 'json' };
import formatUnits from './format-units.json' with { type: 'json' };
import numpy from './numpy.json' with { type: 'json' };
import libc from './libc.json' with { type: 'json' };
import cxx from './cxx.json' with { type: 'json' };
import windows from './windows.json' with { type: 'json' };
import glib from './glib.json' with { type: 'json' };
import cairo from './cairo.json' with { type: 'json' };
import sqlite from './sqlite.json' with { type: 'json' };
import libxml2 from './libxml2.json' with { type: 'json' };
import openssl from './openssl.json' with { type: 'json' };
import libcurl from './libcurl.json' with { type: 'json' };
import zlib from './zlib.json' with { type: 'json' };
import zstd from './zstd.json' with { type: 'json' };
import expat from './expat.json' with { type: 'json' };
import openldap from './openldap.json' with { type: 'json' };
import fftw from './fftw.json' with { type: 'json' };
import intrinsics from './intrinsics.json' with { type: 'json' };
import mkl from './mkl.json' with { type: 'json' };
import mimalloc from './mimalloc.json' with { type: 'json' };
import libiberty from './libiberty.json' with { type: 'json' };
import jemalloc from './jemalloc.json' with { type: 'json' };
import cuda from './cuda.json' with { type: 'json' };
import releaseGroups from './release-groups.json' with { type: 'json' };

// The compiler sees plain strings where the columns are unions; the tests check every value.
function isRows(data: readonly { name: string; role: string }[]): data is readonly StoredRow[] {
  return data.every((row) => row.name !== '' && row.role !== '');
}

function stored(data: readonly { name: string; role: string }[]): readonly StoredRow[] {
  if (!isRows(data)) throw new Error('knowledge table: a row without a name or a role');
  return data;
}

export const LIBRARIES: Readonly<Record<string, readonly StoredRow[]>> = {
  cpython: stored(cpython),
  'format-units': stored(formatUnits),
  numpy: stored(numpy),
  libc: stored(libc),
  cxx: stored(cxx),
  windows: stored(windows),
  glib: stored(glib),
  cairo: stored(cairo),
  sqlite: stored(sqlite),
  libxml2: stored(libxml2),
  openssl: stored(openssl),
  libcurl: stored(libcurl),
  zlib: stored(zlib),
  zstd: stored(zstd),
  expat: stored(expat),
  openldap: stored(openldap),
  fftw: stored(fftw),
  intrinsics: stored(intrinsics),
  mkl: stored(mkl),
  mimalloc: stored(mimalloc),
  jemalloc: stored(jemalloc),
  libiberty: stored(libiberty),
  cuda: stored(cuda),
};

/** A name in `releasesWith` that stands for several: `@reference`. */
export const RELEASE_GROUPS: Readonly<Record<string, readonly string[]>> = releaseGroups;
