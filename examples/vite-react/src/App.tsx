import { useState } from 'react'

export default function App() {
  const [launched, setLaunched] = useState(0)

  return (
    <main>
      <h1>Slipway example</h1>
      <p className="version">Version 1</p>
      <p>
        A Vite and React app, built from its repository and served as static files. Change the line above, push, and look
        at this page again.
      </p>
      <button type="button" onClick={() => setLaunched((count) => count + 1)}>
        {launched === 0 ? 'Launch a boat' : `Boats launched: ${launched}`}
      </button>
    </main>
  )
}
