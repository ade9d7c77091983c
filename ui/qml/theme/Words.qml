pragma Singleton
import QtQml

// Words of the catalogue in the language of the visit.
QtObject {
    readonly property string language: Bridge.state.language
    readonly property var table: Bridge.words.table
    readonly property var everyLanguage: Bridge.words.everyLanguage

    function put(text: string, values: var): string {
        return text.replace(/\{(\w+)\}/g, (whole, name) => values !== undefined && name in values ? values[name] : whole);
    }

    function text(key: string): string {
        const found = table[key];
        if (found === undefined) {
            console.warn("no words for the key", key);
            return "";
        }
        return found;
    }

    function fill(key: string, values: var): string {
        return put(text(key), values);
    }

    // In a language of its own, for the screens that speak several at once.
    function spoken(tag: string, key: string): string {
        return everyLanguage[tag][key];
    }

    // A message of the view: `table` is "problem", "warning" or "notice".
    function message(kind: string, message: var): string {
        return fill(kind + "." + message.key, message.values);
    }
}
