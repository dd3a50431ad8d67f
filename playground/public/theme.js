// Before the first paint: the theme that was chosen on this machine, or else the system's own.
{
  const chosen = localStorage.getItem('tidemark-theme')
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.tmTheme = chosen
}
