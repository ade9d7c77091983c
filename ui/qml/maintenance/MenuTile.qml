import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// A way to another page; `health` marks it where there is something to say.
Tile {
    id: tile

    property string health: ""

    Accessible.checkable: false
    Accessible.role: Accessible.Button
    Layout.fillHeight: true
    Layout.fillWidth: true
    Layout.preferredWidth: 1
    implicitHeight: Math.max(Theme.mm(31), implicitContentHeight + topPadding + bottomPadding)
    repeatTime: Touch.repeatTime
    rightPadding: Theme.mm(health === "" ? 4.4 : 18)
    ticked: false

    HealthMark {
        anchors.right: parent.right
        anchors.rightMargin: Theme.mm(4.4)
        anchors.verticalCenter: parent.verticalCenter
        health: tile.health
        size: Theme.mm(10.5)
        visible: tile.health !== ""
    }
}
