// The heap map: one row per pymalloc pool, run of ptmalloc chunks, or mapping that holds a block of the
// replay. A cell is one block of the allocator; where the program's blocks do not fit the allocator's, the
// cell is cut at their edges. Repeated cells that concern nobody are elided.
import { hex } from './word.ts';
import type { Chunk, Mapping } from './ptmalloc/layout.ts';
import type { Pool } from './pymalloc/layout.ts';
import { bytesText } from './step-text.ts';
import { structuresOf } from './structures.ts';
import {
  type Extent,
  extentOf,
  isLive,
  isPlaced,
  meet,
  type TrackedBlock,
} from './tracked-block.ts';
import type { CellView, RowView } from './view.ts';
import { isHooked, type World } from './world.ts';

/** What the allocator says of a stretch of bytes. */
interface Stretch extends Extent {
  readonly kind: 'header' | 'used' | 'free' | 'top';
  /** `32-byte block`, `chunk of 48 bytes`. */
  readonly what: string;
  readonly corrupt: string | null;
  /** What to take from an address before it is shown. */
  readonly shift: number;
}

interface Resident {
  readonly block: TrackedBlock;
  readonly extent: Extent;
}

/** A run of this many alike cells or more is drawn as one. */
const ELIDE_FROM = 4;

/** The first word of a chunk belongs to the block before it, as long as that one is in use. */
const PREV_SIZE = 8;

/** Offset of the first block in a pool. */
const POOL_OVERHEAD = 48;

export function rowsOf(world: World): readonly RowView[] {
  const { pools, chunks } = structuresOf(world);
  const residents = world.blocks
    .filter(isPlaced)
    .map((block) => ({ block, extent: extentOf(block, isHooked(world)) }));
  const rows = [
    ...pools.map((pool) => row(poolStretches(pool), residents, poolLabel(pool))),
    row(chunks.map(chunkStretch), residents, CHUNKS),
    ...world.process.mappings().map((each) => row(mappingStretches(each), residents, MAPPING)),
  ];
  return rows
    .filter((each) => each !== null)
    .toSorted((left, right) => Number(left.address) - Number(right.address));
}

type Label = Pick<RowView, 'kind' | 'label'>;

const CHUNKS: Label = { kind: 'chunks', label: 'C library heap (brk), chunks' };
const MAPPING: Label = { kind: 'mapping', label: 'mapping of its own (mmap)' };

function poolLabel(pool: Pool): Label {
  const damage = pool.corrupt === null ? '' : ', corrupt';
  return { kind: 'pool', label: `pymalloc pool, ${pool.blockSize}-byte blocks${damage}` };
}

/** null: the row holds nothing that the replay is about. */
function row(
  stretches: readonly Stretch[],
  all: readonly Resident[],
  label: Label,
): RowView | null {
  const first = stretches[0];
  const last = stretches[stretches.length - 1];
  if (first === undefined || last === undefined) return null;
  const whole = { start: first.start, end: last.end };
  const residents = all.filter((resident) => meet(resident.extent, whole));
  if (residents.length === 0) return null;
  const cells = stretches
    .flatMap((stretch) => cutAtEdges(stretch, residents))
    .map((stretch) => paint(stretch, residents));
  return { ...label, address: hex(first.start - first.shift), cells: elide(cells) };
}

/** Cuts where a live block begins or ends inside the stretch but does not lie in it alone. */
function cutAtEdges(stretch: Stretch, residents: readonly Resident[]): readonly Stretch[] {
  const crossing = residents.filter(
    ({ block, extent }) =>
      isLive(block) &&
      meet(extent, stretch) &&
      (extent.start < stretch.start || extent.end > stretch.end),
  );
  const edges = crossing
    .flatMap(({ extent }) => [extent.start, extent.end])
    .filter((edge) => stretch.start < edge && edge < stretch.end);
  const points = [...new Set([stretch.start, ...edges, stretch.end])].toSorted((a, b) => a - b);
  return points
    .slice(1)
    .map((end, index) => ({ ...stretch, start: points[index] ?? stretch.start, end }));
}

interface Painted extends Omit<CellView, 'address' | 'count'> {
  readonly start: number;
  /** Cells with the same key may be merged; null: the cell stands alone. */
  readonly elidable: string | null;
}

function paint(stretch: Stretch, residents: readonly Resident[]): Painted {
  const here = residents.filter(({ extent }) => meet(extent, stretch)).map(({ block }) => block);
  const live = here.filter(isLive);
  const shown = live[live.length - 1] ?? here[here.length - 1];
  const state = stateOf(stretch, { live: live.length, known: here.length });
  const start = stretch.start - stretch.shift;
  const where = `${hex(start)}, ${bytesText(stretch.end - stretch.start)}`;
  return {
    start,
    size: stretch.end - stretch.start,
    state,
    letter: live.length > 1 ? live.map((block) => block.letter).join('') : (shown?.letter ?? ''),
    block: shown?.id ?? null,
    title: `${titleOf(stretch, state, here)} (${where})`,
    elidable:
      here.length === 0 &&
      stretch.corrupt === null &&
      stretch.kind !== 'header' &&
      stretch.kind !== 'top'
        ? stretch.kind
        : null,
  };
}

function stateOf(
  stretch: Stretch,
  count: { readonly live: number; readonly known: number },
): CellView['state'] {
  if (stretch.corrupt !== null) return 'corrupt';
  if (count.live > 1) return 'overlap';
  if (count.live === 1) return 'live';
  if (count.known > 0) return 'freed';
  switch (stretch.kind) {
    case 'used':
      return 'live';
    case 'header':
    case 'free':
    case 'top':
      return stretch.kind;
  }
}

function titleOf(
  stretch: Stretch,
  state: CellView['state'],
  here: readonly TrackedBlock[],
): string {
  const names = here.map((block) => `${block.letter} ${block.id}`);
  const live = here.filter(isLive).map((block) => `${block.letter} ${block.id}`);
  const allocator = stretch.kind === 'free' ? 'free to the allocator' : 'in use to the allocator';
  switch (state) {
    case 'corrupt':
      return `${stretch.what}: corrupt, ${stretch.corrupt}${names.length > 0 ? `; held by ${names.join(', ')}` : ''}`;
    case 'overlap':
      return `shared by ${live.join(' and ')}, all live`;
    case 'live':
      return live.length > 0
        ? `${live.join(', ')}: live in the program, ${allocator}`
        : `${stretch.what} of somebody else, in use`;
    case 'freed':
      return `${names[names.length - 1]}: released by the program, ${allocator}`;
    case 'header':
    case 'top':
      return stretch.what;
    case 'free':
      return `${stretch.what}, free`;
    case 'elided':
      return 'more of the same';
  }
}

function elide(cells: readonly Painted[]): readonly CellView[] {
  const shown: CellView[] = [];
  for (let index = 0; index < cells.length; ) {
    const run = runFrom(cells, index);
    const first = cells[index];
    if (first === undefined) break;
    const cut = run.length >= ELIDE_FROM ? 1 : run.length;
    for (const cell of run.slice(0, cut)) shown.push(cellView(cell));
    const rest = run.slice(cut);
    if (rest.length > 0) shown.push(elidedCell(rest));
    index += run.length;
  }
  return shown;
}

function runFrom(cells: readonly Painted[], from: number): readonly Painted[] {
  const first = cells[from];
  if (first === undefined || first.elidable === null) return cells.slice(from, from + 1);
  const length = cells.slice(from).findIndex((cell) => cell.elidable !== first.elidable);
  return length < 0 ? cells.slice(from) : cells.slice(from, from + length);
}

function cellView(cell: Painted): CellView {
  const { start, size, state, letter, block, title } = cell;
  return { address: hex(start), size, state, count: 1, letter, block, title };
}

function elidedCell(run: readonly Painted[]): CellView {
  const start = run[0]?.start ?? 0;
  const size = run.reduce((sum, cell) => sum + cell.size, 0);
  const kind = run[0]?.elidable === 'used' ? 'in use' : 'free';
  const title = `${run.length} more, all ${kind} (${hex(start)}, ${bytesText(size)})`;
  const nobody = { letter: '', block: null } as const;
  return { address: hex(start), size, state: 'elided', count: run.length, ...nobody, title };
}

function poolStretches(pool: Pool): readonly Stretch[] {
  const header: Stretch = {
    start: pool.address,
    end: pool.address + POOL_OVERHEAD,
    kind: 'header',
    what: `pool header: ${pool.count} blocks in use`,
    corrupt: pool.corrupt,
    shift: 0,
  };
  const blocks = pool.blocks.map(
    ({ address, state }): Stretch => ({
      start: address,
      end: address + pool.blockSize,
      kind: state === 'used' ? 'used' : 'free',
      what: `${pool.blockSize}-byte block`,
      corrupt: null,
      shift: 0,
    }),
  );
  return [header, ...blocks];
}

function chunkStretch(chunk: Chunk): Stretch {
  const kinds = {
    used: 'used',
    tcache: 'free',
    fastbin: 'free',
    bin: 'free',
    top: 'top',
    'tcache-struct': 'header',
  } as const;
  const names = {
    used: `chunk of ${chunk.size} bytes`,
    tcache: `chunk of ${chunk.size} bytes in the tcache`,
    fastbin: `chunk of ${chunk.size} bytes in a fastbin`,
    bin: `chunk of ${chunk.size} bytes in a bin`,
    top: `top of the heap, ${chunk.size} bytes`,
    'tcache-struct': 'the tcache itself',
  } as const;
  return {
    start: chunk.address + PREV_SIZE,
    end: chunk.address + chunk.size + PREV_SIZE,
    kind: kinds[chunk.kind],
    what: names[chunk.kind],
    corrupt: chunk.corrupt,
    shift: PREV_SIZE,
  };
}

function mappingStretches({ address, size }: Mapping): readonly Stretch[] {
  const body = { kind: 'used', what: `mapping of ${size} bytes`, corrupt: null, shift: 0 } as const;
  const header = { ...body, kind: 'header', what: 'chunk header' } as const;
  return [
    { ...header, start: address, end: address + 16 },
    { ...body, start: address + 16, end: address + size },
  ];
}
