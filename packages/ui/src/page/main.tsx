import type { Session } from '@agentteam/ui';
import { type JSX, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { LoginNeeded, logOut, readSession, takeToken, whenLoggedOut } from './connection/api.ts';
import { Login } from './login.tsx';
import { Badge } from './parts/parts.tsx';
import { SessionProvider } from './session.ts';
import { TeamList } from './team-list.tsx';
import { TeamPage } from './team-page.tsx';

/** What is known about the person who uses the page. */
type Access =
  | { readonly state: 'unknown' }
  | { readonly state: 'login'; readonly notice?: string }
  | { readonly state: 'refused'; readonly problem: string }
  | { readonly state: 'known'; readonly session: Session };

function App(): JSX.Element {
  const [access, setAccess] = useState<Access>({ state: 'unknown' });
  const load = async (): Promise<void> => {
    try {
      setAccess({ state: 'known', session: await readSession() });
    } catch (error) {
      if (error instanceof LoginNeeded) return;
      setAccess({ state: 'refused', problem: (error as Error).message });
    }
  };
  useEffect(() => {
    whenLoggedOut(() =>
      setAccess((last) => ({
        state: 'login',
        ...(last.state === 'known' && { notice: 'Your session has ended.' }),
      })),
    );
    void load();
  }, []);
  const session = access.state === 'known' ? access.session : undefined;
  return (
    <>
      <header class="top">
        <a class="brand" href="#/">
          agentteam
        </a>
        {session?.user !== undefined && <Person session={session} user={session.user} />}
      </header>
      <main>
        {access.state === 'login' && <Login notice={access.notice} onDone={() => void load()} />}
        {access.state === 'refused' && (
          <p class="alert" role="alert">
            {access.problem}
          </p>
        )}
        {session && (
          <SessionProvider value={session}>
            <Views />
          </SessionProvider>
        )}
      </main>
    </>
  );
}

function Person({ session, user }: { session: Session; user: string }): JSX.Element {
  return (
    <div class="person">
      <span class="muted">{user}</span>
      {!session.mayAct && <Badge value="read-only" />}
      {session.auth === 'token' && (
        <button type="button" onClick={() => void logOut()}>
          Log out
        </button>
      )}
    </div>
  );
}

/** Addresses: `#/`, `#/team/KEY`, `#/team/KEY/VIEW`, `#/team/KEY/transcript/AGENT`, `#/team/KEY/mail/AGENT`. */
function Views(): JSX.Element {
  const [address, setAddress] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setAddress(location.hash);
    // The address may have changed since this was drawn first.
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const [kind, key, view = 'overview', agent = ''] = address.replace(/^#\//, '').split('/');
  const team = kind === 'team' && key ? key : undefined;
  useEffect(() => {
    document.title = team === undefined ? 'agentteam' : `${team} · agentteam`;
  }, [team]);
  return team === undefined ? <TeamList /> : <TeamPage team={team} view={view} agent={agent} />;
}

takeToken();
const place = document.getElementById('page');
if (place !== null) render(<App />, place);
