import type { FilesDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { act } from '../connection/api.ts';
import { Time } from '../parts/parts.tsx';
import { Outcome, useRequest } from '../parts/request.tsx';
import { useSession } from '../session.ts';

/** Says what is known of the files of a team that are not followed, and offers to read them. */
export function Files({
  team,
  name,
  files,
}: {
  team: string;
  name: string;
  files: FilesDetail;
}): JSX.Element {
  const { readAt, reason, offer, progress, complete } = files;
  const { mayAct } = useSession();
  const { isBusy, result, run } = useRequest();
  return (
    <section class="card volume" aria-label="Files of the team">
      {reason && <p>{reason}</p>}
      {readAt && (
        <p class="muted">
          {complete ? 'The files were read after the team had ended, at ' : 'The files are from '}
          <Time at={readAt} />.
        </p>
      )}
      {progress && <p role="status">{progress}</p>}
      {offer && mayAct && (
        <>
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void run(() => act(team, 'read-files'), '')}
          >
            Read the team's files
          </button>
          <p class="muted">{offer}</p>
        </>
      )}
      {offer && !mayAct && (
        <p class="muted">
          This page is read-only. To read them, run: <code>agentteam report {name}</code>
        </p>
      )}
      {result?.isError && <Outcome result={result} />}
    </section>
  );
}
