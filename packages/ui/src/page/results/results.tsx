import type { TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { Badge, Section } from '../parts/parts.tsx';
import { Diff } from './diff.tsx';
import { File } from './file.tsx';

/** What the team produced: files, changes, quality gates, delivery. */
export function Results({ detail }: { detail: TeamDetail }): JSX.Element {
  const { summary, results, diffs, checks, delivery } = detail;
  const isEmpty =
    results.files.length + diffs.length + checks.length === 0 && delivery === undefined;
  return (
    <>
      {isEmpty && (
        <Section
          title="Results"
          empty={summary.endedAt ? 'The team left no results.' : 'There are no results yet.'}
        />
      )}
      {delivery && (
        <Section title="Delivery">
          <dl>
            {delivery.branch && <Fact name="Branch" value={delivery.branch} />}
            {delivery.commit && <Fact name="Commit" value={delivery.commit} />}
            {delivery.url && (
              <>
                <dt>Pull request</dt>
                <dd>
                  <Link url={delivery.url} />{' '}
                  {delivery.state && <Badge value={delivery.state} tone="quiet" />}
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
