import QtQuick

// Remembers what was answered until the visit shows it. Answers travel while the visitor goes on: an older one that
// comes back must not overwrite what stands in the field by then. What never comes back was not taken.
QtObject {
    id: echo

    property var travelling: []
    readonly property Timer patience: Timer {
        interval: 2000

        onTriggered: {
            if (echo.travelling.length > 0) {
                echo.travelling = [];
                echo.lost();
            }
        }
    }

    signal lost

    function sent(value: var): void {
        travelling.push(JSON.stringify(value));
        patience.restart();
    }

    // Whether `value`, which the visit shows now, is news: not the echo of an answer that a later one has replaced.
    function isNews(value: var): bool {
        const place = travelling.indexOf(JSON.stringify(value));
        travelling = place < 0 ? [] : travelling.slice(place + 1);
        return travelling.length === 0;
    }
}
