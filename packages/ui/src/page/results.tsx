import type { DiffDetail, ResultFile, TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { bytes, count } from './format.ts';
import { Badge, Scroll, Section } from './parts.tsx';

/** What the team produced: files, changes, quality gates, delivery. */
export function Results({ detail }: { detail: TeamDetail }): JSX.Element {
  const { results, diffs, checks, delivery } = detail;
  const isEmpty =
    results.files.length + diffs.length + checks.length === 0 && delivery === undefined;
  return (
    <>
      {isEmpty && <Section title="Results" empty="There are no results yet." />}
      {delivery && (
        <Section title="Delivery">
          <dl>
            {delivery.branch && <Fact name="Branch" value={delivery.branch} />}
            {delivery.commit && <Fact name="Commit" value={delivery.commit} />}
            {delivery.url && (
              <>
                <dt>Pull request</dt>
                <dd>
                  <Link url={delivery.url} /> {delivery.state && <Badge value={delivery.state} />}
                </dd>
              </>
            )}
          </dl>
        </Section>
      )}
      {checks.length > 0 && (
        <Section title="Quality gates">
          <ul class="plain spaced">
            {checks.map(({ name, command, ok, detail: how }) => (
              <li key={`${name} ${command}`}>
                <Badge value={ok ? 'passed' : 'failed'} tone={ok ? 'good' : 'bad'} /> {name}{' '}
                <code>{command}</code>
                {how && <p class="muted">{how}</p>}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {results.files.length > 0 && (
        <Section title="Files">
          {results.place && <p class="muted place">{results.place}</p>}
          <ul class="plain files">
            {results.files.map((file) => (
              <li key={file.path}>
                <File file={file} />
              </li>
            ))}
          </ul>
          {results.cut && <p class="muted">There are more files than these.</p>}
        </Section>
      )}
      {diffs.map((diff) => (
        <Diff key={diff.agent ?? ''} diff={diff} />
      ))}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
      </dd>
    </>
  );
}

/** Links only to web pages; an address of another kind is shown as text. */
function Link({ url }: { url: string }): JSX.Element {
  if (!url.startsWith('https://')) return <span>{url}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {url}
    </a>
  );
}

/** Types that a browser shows as a picture without running anything. */
const IMAGES = /^image\/(png|jpeg|gif|webp)$/;

function File({ file: { path, bytes: size, preview } }: { file: ResultFile }): JSX.Element {
  const name = (
    <>
      <span class="path">{path}</span> <span class="muted">{bytes(size)}</span>
    </>
  );
  if (preview === undefined) return <p>{name}</p>;
  const { kind, text, mediaType = '', cut } = preview;
  return (
    <details>
      <summary>{name}</summary>
      {kind === 'image' && IMAGES.test(mediaType) ? (
        <img src={`data:${mediaType};base64,${text}`} alt={path} />
      ) : (
        <Scroll label={`Content of ${path}`}>
          <pre class={kind === 'markdown' || kind === 'text' ? 'wrapped' : ''}>{text}</pre>
        </Scroll>
      )}
      {cut && <p class="muted">The file is longer than this preview.</p>}
    </details>
  );
}

function Diff({ diff: { agent, branch, files, patch } }: { diff: DiffDetail }): JSX.Element {
  const title = agent === undefined ? 'Changes of the merged result' : `Changes of ${agent}`;
  return (
    <Section title={title}>
      <p class="muted">
        <code>{branch}</code>, {count(files.length, 'file')}
      </p>
      <ul class="plain">
        {files.map(({ path, added, removed }) => (
          <li key={path}>
            <span class="path">{path}</span>{' '}
            {added === undefined ? (
              <span class="muted">binary</span>
            ) : (
              <>
                <span class="added">+{added}</span> <span class="removed">−{removed ?? 0}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      {patch && (
        <details>
          <summary>Patch</summary>
          <Scroll label={`Patch of ${agent ?? 'the merged result'}`}>
            <pre>
              {patch.split('\n').map((line, index) => (
                <span key={index} class={LINES[line[0] ?? '']}>{`${line}\n`}</span>
              ))}
            </pre>
          </Scroll>
        </details>
      )}
    </Section>
  );
}

const LINES: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk' };
