import { type PatchFile, patchFiles } from '@agentteam/rendering';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { count } from './format.ts';
import { Scroll } from './parts.tsx';

/** Lines of a file's change that are drawn before a person asks for the others. */
const FIRST_LINES = 300;

/** A patch, one part for each file. @param label names it for people who cannot see it. */
export function Patch({ patch, label }: { patch: string; label: string }): JSX.Element {
  const files = useMemo(() => patchFiles(patch), [patch]);
  return (
    <>
      {files.map((file, index) => (
        <FilePatch key={index} file={file} label={file.path === '' ? label : file.path} />
      ))}
    </>
  );
}

export function FilePatch({ file, label }: { file: PatchFile; label: string }): JSX.Element {
  const [isComplete, setComplete] = useState(false);
  const lines = isComplete ? file.lines : file.lines.slice(0, FIRST_LINES);
  const left = file.lines.length - lines.length;
  return (
    <>
      <Scroll label={`Change of ${label}`}>
        <pre class="patch">
          {lines.map(({ kind, text }, index) => (
            <span key={index} class={kind}>{`${text}\n`}</span>
          ))}
        </pre>
      </Scroll>
      {left > 0 && (
        <button type="button" onClick={() => setComplete(true)}>
          Show {count(left, 'more line')}
        </button>
      )}
    </>
  );
}
