import { useCallback, useState } from 'react';
import { Link } from '../components/link.tsx';
import { useNavigation } from '../navigation.tsx';
import { listPath, rowPath } from '../route.ts';
import { useManage } from './context.tsx';
import { Page } from './page.tsx';
import { createRow, type KnownForm, type ResourceForm, type Row, readKnownForm } from './rest.ts';
import { RowFormView } from './row-form.tsx';
import { TokenPage } from './token-page.tsx';
import { Trail } from './trail.tsx';
import { useLoaded } from './use-loaded.ts';
import { useRowForm } from './use-row-form.ts';

/** The form of a new row. */
export function NewPage({ resource }: { readonly resource: ResourceForm }) {
  const [revealed, setRevealed] = useState<Row>();
  if (revealed) return <TokenPage resource={resource} row={revealed} token={String(revealed.token)} />;
  return resource.has_options === true ? (
    <Prepared resource={resource} onReveal={setRevealed} />
  ) : (
    <NewForm resource={resource} known={undefined} onReveal={setRevealed} />
  );
}

/** The form, once the options are known that it may ask for; where they cannot be read they are written as JSON. */
function Prepared({ resource, onReveal }: Omit<NewFormProps, 'known'>) {
  const { value, refusal } = useLoaded(
    useCallback(async () => ({ known: await readKnownForm(resource) }), [resource]),
  );
  if (value === undefined && refusal === undefined)
    return (
      <Page title={`New ${resource.one}`} trail={<Trail resource={resource} />}>
        <p className="page-help">{resource.help}</p>
      </Page>
    );
  return <NewForm resource={resource} known={value?.known} onReveal={onReveal} />;
}

interface NewFormProps {
  readonly resource: ResourceForm;
  readonly known: KnownForm | undefined;
  /** The answer holds what is shown only once. */
  readonly onReveal: (row: Row) => void;
}

function NewForm({ resource, known, onReveal }: NewFormProps) {
  const { go } = useNavigation();
  const { lists } = useManage();
  const { form, path, one } = resource;

  async function save(values: object): Promise<undefined> {
    const row = await createRow(path, values);
    if (typeof row.token === 'string') onReveal(row);
    else go(rowPath(path, row.id), { replace: true, force: true, say: 'Created' });
  }

  const state = useRowForm({ form, options: known?.options, begins: known?.begins, save });
  return (
    <Page title={`New ${one}`} trail={<Trail resource={resource} />}>
      <p className="page-help">{resource.help}</p>
      <RowFormView form={form} state={state} submit="Create" saved={undefined}>
        <Link to={lists.get(path) ?? listPath(path)} className="button">
          Cancel
        </Link>
      </RowFormView>
    </Page>
  );
}
