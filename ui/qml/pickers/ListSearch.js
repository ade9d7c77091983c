.pragma library

// Entries of all headings, each once: a station stands under every line that calls there.
function entriesOf(headings) {
    const seen = new Set();
    const found = [];
    for (const heading of headings)
        for (const option of heading.options)
            if (!seen.has(option.value)) {
                seen.add(option.value);
                found.push(option);
            }
    return found;
}

function folded(text) {
    return text.trim().toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}

// 0: begins so; 1: a later word begins so, or Chinese words hold it; 2: neither.
function distance(label, wanted) {
    const text = folded(label);
    if (text.startsWith(wanted))
        return 0;
    const within = /[\u2e80-\uffff]/.test(wanted) ? text.includes(wanted) : text.split(/[\s()'’.,/-]+/).some(word => word.startsWith(wanted));
    return within ? 1 : 2;
}

// The entries that fit what was typed: those that begin with it first.
function matching(entries, typed) {
    const wanted = folded(typed);
    if (wanted === "")
        return [];
    const near = [[], [], []];
    for (const entry of entries)
        near[distance(entry.label, wanted)].push(entry);
    return near[0].concat(near[1]);
}
