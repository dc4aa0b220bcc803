import type { DiffDetail } from '@agentteam/detail';
import { patchFiles } from '@agentteam/rendering';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { count } from '../parts/format.ts';
import { Section } from '../parts/parts.tsx';
import { FilePatch } from '../parts/patch.tsx';

/** What an agent, or the whole team, has changed in the repository: each file with its change. */
export function Diff({ diff }: { diff: DiffDetail }): JSX.Element {
  const { agent, branch, files, patch = '' } = diff;
  const patches = useMemo(
    () => new Map(patchFiles(patch).map((file) => [file.path, file])),
    [patch],
  );
  const title = agent === undefined ? 'Changes of the merged result' : `Changes of ${agent}`;
  return (
    <Section title={title}>
      <p class="muted">
        <code>{branch}</code>, {count(files.length, 'file')}
      </p>
      <ul class="plain files">
        {files.map((file) => (
          <li key={file.path}>
            <ChangedFile file={file} patch={patches.get(file.path)} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function ChangedFile({
  file: { path, added, removed },
  patch,
}: {
  file: DiffDetail['files'][number];
  patch: ReturnType<typeof patchFiles>[number] | undefined;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const name = (
    <>
      <span class="path">{path}</span>{' '}
      {added === undefined ? (
        <span class="muted">binary</span>
      ) : (
        <>
          <span class="added">+{added}</span> <span class="removed">−{removed ?? 0}</span>
        </>
      )}
    </>
  );
  if (patch === undefined || patch.lines.length === 0) return <p>{name}</p>;
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{name}</summary>
      {isOpen && <FilePatch file={patch} label={path} />}
    </details>
  );
}
