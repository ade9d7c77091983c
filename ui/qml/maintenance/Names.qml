import QtQml
import "../theme"

// Words for names that maintenance uses; a name without words is shown as it is, since other releases may know more.
QtObject {
    function of(table: string, name: string): string {
        const key = "maintenance." + table + "." + name.replace(/[^a-z0-9]+/g, "_");
        return Words.table[key] ?? name.replace(/_/g, " ");
    }

    function has(table: string, name: string): bool {
        return Words.table["maintenance." + table + "." + name.replace(/[^a-z0-9]+/g, "_")] !== undefined;
    }
}
