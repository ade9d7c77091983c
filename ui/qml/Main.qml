import QtQuick
import QtQuick.Window
import "controls"
import "theme"

// The window: one screen at a time, the bar beneath it, and what may lie over both.
Window {
    id: root

    readonly property bool settled: Touch.settled && !Touch.gliding
    readonly property real scrollPlace: Touch.scrollPlace
    readonly property string screenName: Bridge.state.screen
    readonly property bool bare: ["attract", "out_of_service", "wiped"].indexOf(screenName) >= 0

    function fileOf(screen: string): string {
        return "screens/" + screen.split("_").map(part => part.charAt(0).toUpperCase() + part.slice(1)).join("") + ".qml";
    }

    function enter(): void {
        overlays.choosingLanguage = false;
        page.setSource(fileOf(screenName));
        Touch.screenChanged();
    }

    // The back key: out of what lies on top.
    function goBack(): void {
        if (overlays.choosingLanguage)
            overlays.choosingLanguage = false;
        else if (overlays.kind === "stop_confirm")
            Bridge.visit.touch("stop_cancel");
        else if (overlays.kind === "" && page.item instanceof Page)
            (page.item as Page).goBack();
    }

    color: Theme.page
    title: "report-kiosk"
    visible: false

    Component.onCompleted: enter()

    Connections {
        function onPageEntered(): void {
            root.enter();
        }

        function onPageLeft(): void {
            Bridge.keyboard.open(null, "none", Words.language);  // while the field it typed into is still there
            page.setSource("");
        }

        target: Bridge.visit
    }
    FocusScope {
        anchors.fill: parent
        focus: true

        Keys.onBackPressed: root.goBack()

        Loader {
            id: page

            anchors.bottom: call.visible ? call.top : bar.visible ? bar.top : parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            enabled: !overlays.shown
            focus: !overlays.shown
        }
        CallLine {
            id: call

            anchors.bottom: bar.visible ? bar.top : parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            everyLanguage: root.bare
            height: implicitHeight
            objectName: "call_line"
            visible: Calls.lasting && root.screenName !== "emergency"  // which says it itself
        }
        BottomBar {
            id: bar

            anchors.bottom: parent.bottom
            anchors.left: parent.left
            anchors.right: parent.right
            height: implicitHeight
            visible: !root.bare

            onLanguageAsked: overlays.choosingLanguage = true
        }
        Overlays {
            id: overlays

            // The bar stays in reach: emergency and leaving are possible from everywhere.
            anchors.fill: page
        }
    }
}
