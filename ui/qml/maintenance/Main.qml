import QtQuick
import QtQuick.Window
import "../controls"
import "../theme"

// The technician's window: one page at a time, the call of an officer while it lasts, and the way out.
Window {
    id: root

    readonly property bool settled: Touch.settled && !Touch.gliding
    readonly property real scrollPlace: Touch.scrollPlace
    readonly property string screenName: Bridge.state.screen
    readonly property string place: screenName + ":" + Bridge.state.device
    readonly property Desk desk: page.item as Desk
    readonly property bool bare: desk !== null && desk.bare

    function fileOf(screen: string): string {
        return screen.charAt(0).toUpperCase() + screen.slice(1) + "Page.qml";
    }

    function enter(): void {
        page.setSource("");
        page.setSource(fileOf(screenName), Bridge.state.device === "" ? {} : {
            "device": Bridge.state.device
        });
        Touch.screenChanged();
    }

    color: Theme.page
    title: "report-kiosk"
    visible: false

    Component.onCompleted: enter()
    onPlaceChanged: Qt.callLater(enter)

    Loader {
        id: page

        anchors.bottom: root.bare ? parent.bottom : call.visible ? call.top : bar.top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        focus: true
    }
    CallLine {
        id: call

        anchors.bottom: bar.top
        anchors.left: parent.left
        anchors.right: parent.right
        height: implicitHeight
        objectName: "call_line"
        visible: Calls.lasting && !root.bare
    }
    MaintenanceBar {
        id: bar

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        height: implicitHeight
        visible: !root.bare
    }
}
