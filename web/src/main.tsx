/** The page's first moment. */
import { createRoot } from 'react-dom/client';

createRoot(document.getElementById('root')!).render(<h1>Vaultify Messaging</h1>);
