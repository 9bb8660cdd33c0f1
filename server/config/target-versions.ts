// The Python versions that a project is for, of those that can be replayed: from a specifier as in
// `requires-python` (PEP 440). Only major and minor matter: `>=3.9.2` allows 3.9.
import { PYTHONS, type Target } from '../../simulator/target.ts';

/** Oldest first; all of them where nothing is said, or nothing that can be replayed is left. */
export function targetVersions(
  chosen: readonly Target['python'][],
  specifier: string | null,
): readonly Target['python'][] {
  if (chosen.length > 0) {
    return PYTHONS.filter((version) => chosen.includes(version));
  }
  const clauses = (specifier ?? '').split(',').map((clause) => clause.trim());
  const allowed = PYTHONS.filter((version) => clauses.every((clause) => allows(clause, version)));
  return allowed.length === 0 ? PYTHONS : allowed;
}

/** A clause that cannot be read allows every version. */
function allows(clause: string, version: string): boolean {
  const match = /^(~=|===?|!=|<=?|>=?)\s*v?(\d+)(?:\.(\d+|\*))?(\.\S+)?$/.exec(clause);
  if (match === null) return true;
  const [, operator = '', major = '', minor = '*', patch] = match;
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  const order = ownMajor - Number(major) || (minor === '*' ? 0 : ownMinor - Number(minor));
  const isWhole = patch === undefined || patch === '.*' || /^(\.0)+$/.test(patch);
  switch (operator) {
    case '>=':
    // 3.8.1 comes after 3.8.
    case '>':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '<':
      // Some patch releases of the version itself lie below 3.9.2.
      return isWhole ? (minor === '*' ? ownMajor < Number(major) : order < 0) : order <= 0;
    case '~=':
      return patch === undefined ? ownMajor === Number(major) && order >= 0 : order === 0;
    case '!=':
      return patch === '.*' || minor === '*' ? order !== 0 : true;
    default:
      return order === 0;
  }
}
