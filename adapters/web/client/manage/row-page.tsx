import { useCallback } from 'react';
import { Link } from '../components/link.tsx';
import { listPath } from '../route.ts';
import { useManage } from './context.tsx';
import { inSentence } from './in-sentence.ts';
import { Page } from './page.tsx';
import { Refused } from './refused.tsx';
import { type ResourceForm, readKnownForm, readRow, readRowForm } from './rest.ts';
import { RowView } from './row-view.tsx';
import { Trail } from './trail.tsx';
import { useLoaded } from './use-loaded.ts';

export interface RowPageProps {
  readonly resource: ResourceForm;
  readonly id: string;
}

/** One row, once it is read. */
export function RowPage({ resource, id }: RowPageProps) {
  const { value, refusal, status, reload } = useLoaded(
    useCallback(async () => {
      const [marked, form, known] = await Promise.all([
        readRow(resource.path, id),
        readRowForm(resource, id),
        // Without it the options are edited as JSON.
        readKnownForm(resource).catch(() => undefined),
      ]);
      return { marked, drawn: { ...resource, form }, options: known?.options };
    }, [resource, id]),
  );
  if (value) return <RowView resource={value.drawn} initial={value.marked} options={value.options} />;
  return (
    <Page title={refusal === undefined ? 'Loading …' : resource.one} trail={<Trail resource={resource} />}>
      {status === 404 && <Gone resource={resource} />}
      {refusal !== undefined && status !== 404 && <Refused sentence={refusal} onRetry={reload} />}
    </Page>
  );
}

function Gone({ resource: { path, one, many } }: Pick<RowPageProps, 'resource'>) {
  const { lists } = useManage();
  return (
    <div className="nothing-here" role="status">
      <p>This {one} is gone, or there never was one at this address.</p>
      <Link to={lists.get(path) ?? listPath(path)} className="button">
        Go to the {inSentence(many)}
      </Link>
    </div>
  );
}
