import type { TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { count } from '../parts/format.ts';
import { Markdown } from '../parts/markdown.tsx';

const COLUMNS = [
  { status: 'pending', title: 'To do' },
  { status: 'in_progress', title: 'In progress' },
  { status: 'completed', title: 'Done' },
] as const;

/** The task list that the agents share, as a board. */
export function Tasks({ detail: { tasks } }: { detail: TeamDetail }): JSX.Element {
  return (
    <div class="board">
      {COLUMNS.map(({ status, title }) => {
        const here = tasks.filter((task) => task.status === status);
        return (
          <section class="card" key={status}>
            <h2>
              {title} <span class="count">{count(here.length, 'task')}</span>
            </h2>
            <ul class="plain">
              {here.map(({ id, subject, description, owner, blockedBy }) => (
                <li class="task" key={id}>
                  <p>
                    <span class="muted">#{id}</span> {subject}
                  </p>
                  <p class="muted">
                    {owner ?? 'nobody'}
                    {blockedBy.length > 0 && ` · waits for #${blockedBy.join(', #')}`}
                  </p>
                  {description && description !== subject && (
                    <details>
                      <summary>Description</summary>
                      <Markdown text={description} />
                    </details>
                  )}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
