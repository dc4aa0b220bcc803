import { type JSX, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { takeToken } from './api.ts';
import { TeamList } from './team-list.tsx';
import { TeamPage } from './team-page.tsx';

/** Addresses: `#/`, `#/team/NAME`, `#/team/NAME/VIEW`, `#/team/NAME/transcript/AGENT`. */
function App(): JSX.Element {
  const [address, setAddress] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setAddress(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const [kind, name, view = 'overview', agent = ''] = address.replace(/^#\//, '').split('/');
  const team = kind === 'team' && name ? name : undefined;
  useEffect(() => {
    document.title = team === undefined ? 'agentteam' : `${team} · agentteam`;
  }, [team]);
  return (
    <>
      <header class="top">
        <a class="brand" href="#/">
          agentteam
        </a>
      </header>
      <main>
        {team === undefined ? <TeamList /> : <TeamPage team={team} view={view} agent={agent} />}
      </main>
    </>
  );
}

takeToken();
const place = document.getElementById('page');
if (place !== null) render(<App />, place);
