// What a build file says of search paths, whatever language it is written in.

/** Folders that are searched together, in order. */
export interface IncludeSet {
  /** Absolute, or relative to the folder of the build file. */
  readonly folders: readonly string[];
  /** The C files it is for, relative likewise; `*` for any name. null: for all. */
  readonly sources: readonly string[] | null;
}

export interface BuildFile {
  readonly sets: readonly IncludeSet[];
  /** Folders below whose own build files go on with this one. */
  readonly subfolders: readonly string[];
  /** Why it says nothing, for a person; null: it was understood. */
  readonly broken: string | null;
}

export const NO_BUILD_FILE: BuildFile = { sets: [], subfolders: [], broken: null };
