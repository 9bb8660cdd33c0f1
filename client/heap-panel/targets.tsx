// What the path is replayed on: the build, the version of Python, the C library, and the size of blocks whose
// size the source leaves open.
import type { JSX } from 'preact';
import { OTHER_SIZES } from '../../simulator/chosen-sizes.ts';
import { BUILDS, LIBCS, PYTHONS, type Target } from '../../simulator/target.ts';

const BUILD_LABELS: Readonly<Record<Target['build'], { label: string; hint: string | null }>> = {
  release: { label: 'Release', hint: 'no environment variable set' },
  debug: { label: 'Debug', hint: 'PYTHONMALLOC=debug' },
  malloc: { label: 'malloc', hint: null },
  malloc_debug: { label: 'malloc_debug', hint: null },
};

interface TargetsProps {
  readonly target: Target;
  readonly onTarget: (target: Target) => void;
  /** In bytes, what the path was given; null: the source fixes the sizes, or the path is about them. */
  readonly givenSize: number | null;
  /** In bytes; null: the given one. */
  readonly size: number | null;
  readonly onSize: (size: number | null) => void;
}

export function Targets(props: TargetsProps): JSX.Element {
  const { target, onTarget, givenSize, size, onSize } = props;
  return (
    <div class="replay-on">
      <fieldset class="targets">
        <legend>Replay on</legend>
        {BUILDS.map((build) => {
          const { label, hint } = BUILD_LABELS[build];
          return (
            <label key={build} title={hint ?? `PYTHONMALLOC=${build}`}>
              <input
                type="radio"
                name="target"
                value={build}
                checked={target.build === build}
                onChange={() => onTarget({ ...target, build })}
              />
              <span>
                {label} {hint !== null && <small>{hint}</small>}
              </span>
            </label>
          );
        })}
      </fieldset>
      <div class="versions">
        <Choice
          label="Version of Python"
          value={target.python}
          options={PYTHONS.map((python) => ({ value: python, text: `Python ${python}` }))}
          onValue={(python) => onTarget({ ...target, python })}
        />
        <Choice
          label="C library"
          value={target.libc}
          options={LIBCS.map((libc) => ({ value: libc, text: libc.replace('-', ' ') }))}
          onValue={(libc) => onTarget({ ...target, libc })}
        />
        {givenSize !== null && (
          <Choice
            label="Size of blocks whose size the source leaves open"
            value={size}
            options={[
              { value: null, text: sizeText(givenSize) },
              ...OTHER_SIZES.filter((bytes) => bytes > givenSize).map((bytes) => ({
                value: bytes,
                text: sizeText(bytes),
              })),
            ]}
            onValue={onSize}
          />
        )}
      </div>
    </div>
  );
}

function sizeText(bytes: number): string {
  return `open sizes: ${bytes.toLocaleString('en-US')} bytes`;
}

interface ChoiceProps<T> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly onValue: (value: T) => void;
}

function Choice<T>({ label, value, options, onValue }: ChoiceProps<T>): JSX.Element {
  return (
    <label>
      <span class="visually-hidden">{label}</span>
      <select
        value={options.findIndex((option) => option.value === value)}
        onChange={({ currentTarget }) => {
          const chosen = options[currentTarget.selectedIndex];
          if (chosen !== undefined) onValue(chosen.value);
        }}
      >
        {options.map(({ text }, index) => (
          <option key={text} value={index}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
