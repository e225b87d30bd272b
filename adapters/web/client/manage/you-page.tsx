import { CheckIcon } from '../components/icons.tsx';
import { useManage } from './context.tsx';
import { Facts } from './facts.tsx';
import { Page } from './page.tsx';
import type { ResourceForm } from './rest.ts';

const GENERAL: readonly (readonly [string, string])[] = [
  ['chat', 'Talk to the bot'],
  ['approve', 'Decide whether the bot may run what changes something'],
  ['view_audit', 'Read the audit log'],
  ['view_usage', 'See what models used and cost'],
  ['manage_access', 'Say who may do what'],
];

const VERBS = ['view', 'add', 'change', 'delete'] as const;

/** Who is signed in, and what they may do. */
export function YouPage() {
  const { me, resources } = useManage();
  const general = GENERAL.filter(([name]) => me.permissions.includes(name));
  return (
    <Page title="You">
      <Facts
        facts={[
          { name: 'name', label: 'Name', value: me.name },
          { name: 'principal', label: 'Known to the bot as', value: me.principal },
        ]}
      />
      <section className="about" aria-labelledby="rights-title">
        <h2 id="rights-title">What you may do</h2>
        {general.length === 0 && resources.length === 0 && (
          <p>Nothing yet. Ask an administrator for a role.</p>
        )}
        <ul className="rights">
          {general.map(([name, words]) => (
            <li key={name}>
              <CheckIcon /> {words}
            </li>
          ))}
        </ul>
        {resources.length > 0 && <Rights resources={resources} />}
      </section>
      <details className="all-rights">
        <summary>{headOf(me.permissions.length)}</summary>
        <ul>
          {me.permissions.map((name) => (
            <li key={name}>
              <code>{name}</code>
            </li>
          ))}
        </ul>
      </details>
    </Page>
  );
}

function headOf(count: number): string {
  return count === 1 ? 'The one permission by name' : `All ${count} permissions by name`;
}

function Rights({ resources }: { readonly resources: readonly ResourceForm[] }) {
  return (
    <div className="list-frame">
      <table className="list plain rights-table">
        <thead>
          <tr>
            <th scope="col">Of these you may</th>
            {VERBS.map((verb) => (
              <th key={verb} scope="col">
                {verb}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {resources.map(({ path, many, may }) => (
            <tr key={path}>
              <th scope="row">{many}</th>
              {VERBS.map((verb) => (
                <td key={verb} data-label={verb}>
                  {may[verb] ? (
                    <span className="flag on" role="img" aria-label="yes">
                      <CheckIcon />
                    </span>
                  ) : (
                    <span className="nothing" role="img" aria-label="no">
                      –
                    </span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
