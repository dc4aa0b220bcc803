import type { ResultFile } from '@agentteam/detail';
import { tableOf } from '@agentteam/rendering';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { bytes } from '../parts/format.ts';
import { Markdown } from '../parts/markdown.tsx';
import { Scroll } from '../parts/parts.tsx';

/** A result, with its preview. */
export function File({ file: { path, bytes: size, preview } }: { file: ResultFile }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const name = (
    <>
      <span class="path">{path}</span> <span class="muted">{bytes(size)}</span>
    </>
  );
  if (preview === undefined) return <p>{name}</p>;
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{name}</summary>
      {isOpen && <Preview path={path} preview={preview} />}
      {preview.cut && <p class="muted">The file is longer than this preview.</p>}
    </details>
  );
}

/** Types that a browser shows as a picture without running anything. */
const IMAGES = /^image\/(png|jpeg|gif|webp)$/;

function Preview({
  path,
  preview: { kind, text, mediaType = '' },
}: {
  path: string;
  preview: NonNullable<ResultFile['preview']>;
}): JSX.Element {
  const label = `Content of ${path}`;
  if (kind === 'image' && IMAGES.test(mediaType)) {
    return <img src={`data:${mediaType};base64,${text}`} alt={path} />;
  }
  if (kind === 'markdown') {
    return (
      <section class="document" aria-label={label}>
        <Markdown text={text} />
      </section>
    );
  }
  return (
    <Scroll label={label}>
      {kind === 'csv' ? <Table csv={text} /> : <pre class="wrapped">{text}</pre>}
    </Scroll>
  );
}

function Table({ csv }: { csv: string }): JSX.Element {
  const [head = [], ...rows] = tableOf(csv);
  return (
    <table class="plain-table">
      <thead>
        <tr>
          {head.map((cell, index) => (
            <th key={index} scope="col">
              {cell}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, column) => (
              <td key={column}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
