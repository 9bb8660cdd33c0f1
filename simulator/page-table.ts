// Which bytes are on which page. Pages are found through regions of 256; both are shared between clones
// until one side writes (copy on write), so that a clone costs as little as the heap is small. A page that
// was only mapped, or filled with one byte from end to end, takes no memory of its own.

export const PAGE_SIZE = 4096;
const REGION_PAGES = 256;

export interface Page {
  /** The page table that may write here; any other must copy first. */
  readonly owner: object | null;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

interface Region {
  readonly owner: object;
  /** undefined, or past the end: as it was mapped, all zero. */
  readonly pages: (Page | undefined)[];
}

function newPage(owner: object | null, bytes = new Uint8Array(PAGE_SIZE)): Page {
  return { owner, bytes, view: new DataView(bytes.buffer) };
}

const ZERO_PAGE = newPage(null);

/** Pages full of one byte, made when they are needed; never written. */
const uniformPages = new Map<number, Page>();

function uniformPage(byte: number): Page {
  const known = uniformPages.get(byte);
  if (known !== undefined) return known;
  const page = newPage(null, new Uint8Array(PAGE_SIZE).fill(byte));
  uniformPages.set(byte, page);
  return page;
}

/** Pages are named by their index: address / PAGE_SIZE. */
export class PageTable {
  #regions = new Map<number, Region>();
  #owner: object = {};

  clone(): PageTable {
    const copy = new PageTable();
    copy.#regions = new Map(this.#regions);
    // Neither side owns what both see.
    this.#owner = {};
    return copy;
  }

  find(index: number): Page {
    const region = this.#regions.get(Math.floor(index / REGION_PAGES));
    return region?.pages[index % REGION_PAGES] ?? ZERO_PAGE;
  }

  isWritable(page: Page): boolean {
    return page.owner === this.#owner;
  }

  writable(index: number): Page {
    const { pages } = this.#writableRegion(index);
    const page = pages[index % REGION_PAGES];
    if (page !== undefined && page.owner === this.#owner) return page;
    const copy = newPage(this.#owner, page?.bytes.slice());
    pages[index % REGION_PAGES] = copy;
    return copy;
  }

  /** Makes every byte of the page the same. */
  setUniform(index: number, byte: number): void {
    const page = byte === 0 ? undefined : uniformPage(byte);
    if (page === undefined && this.find(index) === ZERO_PAGE) return;
    this.#writableRegion(index).pages[index % REGION_PAGES] = page;
  }

  /** Forgets the pages from `first` up to `end`. */
  clear(first: number, end: number): void {
    const [from, to] = [Math.floor(first / REGION_PAGES), Math.ceil(end / REGION_PAGES)];
    const touched =
      to - from <= this.#regions.size
        ? Array.from({ length: to - from }, (_, offset) => from + offset)
        : [...this.#regions.keys()].filter((index) => from <= index && index < to);
    for (const index of touched) {
      if (!this.#regions.has(index)) continue;
      const start = index * REGION_PAGES;
      if (first <= start && start + REGION_PAGES <= end) this.#regions.delete(index);
      else
        this.#writableRegion(start).pages.fill(
          undefined,
          Math.max(first - start, 0),
          Math.min(end - start, REGION_PAGES),
        );
    }
  }

  #writableRegion(index: number): Region {
    const key = Math.floor(index / REGION_PAGES);
    const region = this.#regions.get(key);
    if (region !== undefined && region.owner === this.#owner) return region;
    const copy = { owner: this.#owner, pages: region?.pages.slice() ?? [] };
    this.#regions.set(key, copy);
    return copy;
  }
}
