// A map that is copied when it is first written after it was shared: most states of a path differ from
// their predecessor in few of their maps.

export class CowMap<K, V> {
  #map: Map<K, V>;
  #isShared: boolean;

  /** With a map: one that somebody else has, too. */
  constructor(shared: Map<K, V> | null = null) {
    this.#map = shared ?? new Map();
    this.#isShared = shared !== null;
  }

  share(): CowMap<K, V> {
    this.#isShared = true;
    return new CowMap(this.#map);
  }

  /** Whether both are copies that nobody has written to since. */
  isSame(other: CowMap<K, V>): boolean {
    return this.#map === other.#map;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    this.#own().set(key, value);
  }

  delete(key: K): void {
    if (this.#map.has(key)) this.#own().delete(key);
  }

  /** Of the moment of the call: changes made during the iteration are not seen, once shared. */
  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  values(): IterableIterator<V> {
    return this.#map.values();
  }

  /** Without an array for each entry, as iteration makes them until V8 has optimized it. */
  forEach(visit: (value: V, key: K) => void): void {
    this.#map.forEach(visit);
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }

  #own(): Map<K, V> {
    if (this.#isShared) {
      const own = new Map<K, V>();
      // `new Map(shared)` makes an array for each entry.
      this.#map.forEach((value, key) => own.set(key, value));
      this.#map = own;
      this.#isShared = false;
    }
    return this.#map;
  }
}
