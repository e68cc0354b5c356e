/** What follows the rows of the list: more of them, why there are none, or what went wrong. */
import { useConnection, type UseConversations } from '@vaultify/messaging';
import { useErrorText } from '../connection/useErrorText';
import { useText } from '../i18n';
import { Button, Notice, Sentinel } from '../ui';

interface EndOfListProps {
  list: UseConversations;
  search: string;
  /** How many rows are shown. */
  found: number;
  onNew(): void;
}

export function EndOfList({ list, search, found, onNew }: EndOfListProps) {
  const t = useText();
  if (list.status === 'error') return <ListError list={list} />;
  if (list.status === 'loading' && list.conversations.length === 0) return <Waiting />;
  if (list.hasMore) return <Sentinel key={list.conversations.length} onNear={() => void list.loadMore()} />;
  if (found > 0) return null;
  if (search !== '') return <p className="list-none">{t('list.noMatch', { search })}</p>;
  return (
    <Notice
      icon="people"
      title={t('list.empty.title')}
      action={
        <Button icon="compose" onClick={onNew}>
          {t('list.new')}
        </Button>
      }
    >
      {t('list.empty.text')}
    </Notice>
  );
}

function ListError({ list }: { list: UseConversations }) {
  const t = useText();
  const errorText = useErrorText();
  return (
    <Notice
      look="error"
      icon="failed"
      title={t('list.error.title')}
      action={<Button onClick={() => void list.loadMore()}>{t('action.retry')}</Button>}
    >
      {errorText(list.error)}
    </Notice>
  );
}

const SKELETON_ROWS = 6;

/** Grey rows only while something is really on its way. */
function Waiting() {
  const t = useText();
  const { status } = useConnection();
  if (status === 'offline' || status === 'refused' || status === 'reconnecting')
    return (
      <Notice icon="offline" title={t('list.offline.title')}>
        {t('list.offline.text')}
      </Notice>
    );
  return (
    <div role="status" aria-label={t('list.loading')}>
      {Array.from({ length: SKELETON_ROWS }, (_, i) => (
        <div key={i} className="row row--skeleton" aria-hidden="true">
          <span className="skeleton skeleton--round" />
          <span className="skeleton skeleton--title" />
          <span className="skeleton skeleton--text" />
        </div>
      ))}
    </div>
  );
}
