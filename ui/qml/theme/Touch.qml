pragma Singleton
import QtQuick

// A screen that has just changed takes no touch: a second tap of an eager finger must not press what now lies there.
QtObject {
    id: touch

    readonly property int settlingTime: 300
    readonly property int repeatTime: 500
    readonly property bool settled: !guard.running
    property bool gliding: false  // a page is moving to another place
    property real scrollPlace: 0
    readonly property Timer guard: Timer {
        interval: touch.settlingTime
    }

    function screenChanged(): void {
        guard.restart();
    }
}
